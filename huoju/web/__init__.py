"""The web process: granian and its workers, the Flask application, and what stands before it when too much comes."""
