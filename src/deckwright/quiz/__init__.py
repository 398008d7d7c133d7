"""Cards → quizzes, in print, on the web and as documents."""
