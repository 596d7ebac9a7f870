package vault

import "time"

// WaitLess lets a token take only so long, until what it gives is called.
func WaitLess(d time.Duration) func() {
	was := tokenWait
	tokenWait = d
	return func() { tokenWait = was }
}

// MakeLockedFast is MakeLocked with less work, for tests.
func MakeLockedFast(passphrase string) (*Key, []byte, error) { return makeLocked(passphrase, 10) }
