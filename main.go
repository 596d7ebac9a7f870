// Suraag follows a known image to the address behind it. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"suraag/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(app.Run(ctx, os.Environ(), os.Stdin, os.Stdout, os.Stderr, os.Args[1:]))
}
