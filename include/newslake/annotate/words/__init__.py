"""What annotators of several kinds look words up with: lists, patterns and borders."""
