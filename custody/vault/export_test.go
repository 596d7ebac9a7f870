package vault

// MakeLockedFast is MakeLocked with less work, for tests.
func MakeLockedFast(passphrase string) (*Key, []byte, error) { return makeLocked(passphrase, 10) }
