"""What runs by itself: one module per deployment, and folders for what the deployments share."""
