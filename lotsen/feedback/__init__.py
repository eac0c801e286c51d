"""What users think of answers: a thumb, and a word if they like."""
