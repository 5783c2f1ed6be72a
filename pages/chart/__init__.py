"""The picture that stands above what operators are told of a campaign."""
