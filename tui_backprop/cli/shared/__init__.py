"""What commands share: their arguments, how they start and wait, and how they write."""
