"""The model: what pytest would know after starting, one lazy part after another. It judges nothing."""
