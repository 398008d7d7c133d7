"""Cards → quizzes, as PDFs, web pages and Word documents."""
