"""The provider's name in our own tables. There is one per installation."""

PROVIDER = "company"
