// Ends as soon as it starts.
process.exit(3);
