package app

import "fmt"

type workerCmd struct {
	Parallel int `help:"Jobs at once." default:"2"`
}

// Help is the long help of the command.
func (workerCmd) Help() string {
	return "Works on the queue until it is stopped. On PostgreSQL any number of workers on any number of machines share it; they need the same --db and the same originals (a shared --data folder). If one dies, the others take over its jobs.\n\nExample:\n  suraag worker --db postgres://suraag@db.example/suraag --data /srv/suraag\n\n" + exitCodes
}

func (c *workerCmd) Run(s *stage) error {
	h, err := s.open(true)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.key.unlock(); err != nil {
		return err
	}
	if err := s.tidy(h); err != nil {
		return err
	}
	stop, err := h.work(s.ctx, c.Parallel)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "suraag: working on %s. Ctrl-C stops.\n", h.db.Where)
	<-s.ctx.Done()
	return stop()
}
