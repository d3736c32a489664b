"""Speaker notes in other terminals, which follow the one that presents.

wire       facts as a line of JSON, and back: nothing that arrives is trusted
channel    the socket, in a folder of the user alone
teller     in the app that presents: tells each follower, and waits for none
follower   in the other terminal: an app that listens and shows
"""
