package script

// Key opens the spelling of one word to the tests.
func Key(w string) string { return key(w) }
