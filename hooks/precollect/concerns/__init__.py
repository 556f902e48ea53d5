"""What is judged: a module or folder for each concern, with its rules, its fixes and what they need."""
