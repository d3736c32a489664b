"""A walk as one file for a browser: step, scrub, read, print, with no network and no program.

document    the file: page.html with the style, the scripts and the walk in it
walk        what the scripts are given, as one object
columns     the partials of each edge, a column of text for each quantity
formulas    formulas as templates, so that those of one look are written once
sayings     sentences as templates, in every language
labels      the page's own words, in every language
assets/     page.html, page.css and the scripts
"""
