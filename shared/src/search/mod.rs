//! The search language: words and `key:value`. One parser for the console and the server.

// Written with the HTTP routes.
