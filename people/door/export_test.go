package door

// Len is how many places the limiter remembers.
func (l *Limiter) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.places)
}

// Attempts is the pace of people at the door.
func Attempts() Pace { return attempts() }
