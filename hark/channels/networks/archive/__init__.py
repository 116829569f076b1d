"""The past of a brand, brought along from somewhere else by `hark import`. Nothing arrives here by itself, nothing leaves."""
