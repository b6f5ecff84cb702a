package = "lpeg"
version = "1.1.0-1"
