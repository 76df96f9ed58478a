"""From runs folders to artifacts: walk, read and parse."""
