// Package app is the program: its commands, its settings and its wiring.
//
// Takes the environment, three streams and arguments. Gives an exit code. It is
// the only room that knows all others, and the only one that reads the clock.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // zones also on a machine that has none

	"github.com/alecthomas/kong"

	"suraag/fault"
	"suraag/instant"
)

// Version is the program's version, for receipts and reports.
const Version = "0.1.0"

// commands is the whole command line.
type commands struct {
	Data string `help:"Folder of the record and the sealed originals." placeholder:"DIR"`
	DB   string `help:"Database: a postgres:// address; else a SQLite file in the data folder." placeholder:"ADDRESS"`
	By   string `help:"Who is working: written into every receipt." placeholder:"NAME"`
	Zone string `help:"Zone in which times are shown beside UTC." default:"Asia/Kolkata" placeholder:"ZONE"`
	JSON bool   `help:"Print JSON."`

	Demo       demoCmd       `cmd:"" help:"Load the example investigation into a fresh folder, print its trace and serve the pages."`
	Hash       hashCmd       `cmd:"" help:"Print the digests of files, one JSON line each."`
	Hashset    hashsetCmd    `cmd:"" help:"Lists of known hashes."`
	Intake     intakeCmd     `cmd:"" help:"Seal and read documents."`
	Trace      traceCmd      `cmd:"" help:"Follow an image, a hash, an identifier or an address."`
	Family     familyCmd     `cmd:"" help:"A person's word on which near copies belong together."`
	Actor      actorCmd      `cmd:"" help:"A person's word on which identifiers are not one someone."`
	Lead       leadCmd       `cmd:"" help:"What to do next, and why."`
	Complaint  complaintCmd  `cmd:"" help:"Complaints, with or without any image."`
	Series     seriesCmd     `cmd:"" help:"Which complaints belong together."`
	Figures    figuresCmd    `cmd:"" help:"What became of complaints, in numbers."`
	Pack       packCmd       `cmd:"" help:"The law's instruments and the addressees, as reviewed data."`
	Request    requestCmd    `cmd:"" help:"Demands drafted from leads, their approval and their answers."`
	Clock      clockCmd      `cmd:"" help:"Days by which something has to be done."`
	Correction correctionCmd `cmd:"" help:"The register of errors, and who has to be told."`
	Case       caseCmd       `cmd:"" help:"Cases: who sees what."`
	Media      mediaCmd      `cmd:"" help:"Media mode: where it is on, and for how long people looked."`
	People     peopleCmd     `cmd:"" help:"People: who may sign in."`
	Machine    machineCmd    `cmd:"" help:"Machines: sensors and remote sites that hand in by themselves."`
	Spool      spoolCmd      `cmd:"" help:"On a remote machine: keep sealed documents until the unit has them."`
	Network    networkCmd    `cmd:"" help:"Address data: operators, countries, VPN and Tor lists."`
	Export     exportCmd     `cmd:"" help:"Documents for a court or another agency."`
	Vault      vaultCmd      `cmd:"" help:"Content that law requires to be held, encrypted."`
	Storage    storageCmd    `cmd:"" help:"Where originals and the vault lie: files, or an S3-compatible store."`
	Source     sourceCmd     `cmd:"" help:"A sealed original, and the words behind a statement."`
	Serve      serveCmd      `cmd:"" help:"Serve the pages and the API."`
	Worker     workerCmd     `cmd:"" help:"Work on the queue, beside others on the same database."`
	Log        logCmd        `cmd:"" help:"The custody log: what was done, when, by whom, and the proof of it."`
	Witness    witnessCmd    `cmd:"" help:"Cosign the custody logs of others."`
	Verify     verifyCmd     `cmd:"" help:"Hash every original again and compare every stored record with it."`
	Backup     backupCmd     `cmd:"" help:"Write the record, the originals and the custody log into one file."`
	Restore    restoreCmd    `cmd:"" help:"Make a data folder of a backup, and check it."`
	Retention  retentionCmd  `cmd:"" help:"For how long what is kept, and lawful erasure."`
	Bench      benchCmd      `cmd:"" help:"Measure this machine with made data."`
	Validate   validateCmd   `cmd:"" help:"Measure on free photographs how far a near match can be trusted."`
}

// stage is what a command runs with.
type stage struct {
	ctx      context.Context
	env      map[string]string
	in       io.Reader
	out, err io.Writer
	cli      *commands
	log      *slog.Logger
}

// exitCodes stands in the help of every command.
const exitCodes = `Exit codes: 0 done; 1 defect of the program; 2 wrong use; 3 not found; 4 invalid input; 5 denied; 6 conflict; 7 corrupt; 8 unavailable; 9 too large; 130 stopped.`

// Run runs the program once and gives its exit code.
func Run(ctx context.Context, environ []string, in io.Reader, out, errs io.Writer, args []string) int {
	s := &stage{ctx: ctx, env: variables(environ), in: in, out: out, err: errs, cli: &commands{}, log: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	code := 0
	exited := false
	k, err := kong.New(s.cli, kong.Name("suraag"),
		kong.Description("Suraag follows a known abuse image through the documents that a unit lawfully holds: where it was seen, where it was first uploaded, and which address is fit to ask a provider about. It works from hashes and never needs the image."),
		kong.Writers(out, errs), kong.Exit(func(c int) { code, exited = c, true }), kong.Bind(s), kong.Resolvers(s.settings()),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errs, "suraag:", err)
		return fault.Internal.Exit()
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := k.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(errs, "suraag: %v\nhint: suraag --help lists the commands; suraag COMMAND --help explains one\n", err)
		return 2
	}
	return s.report(parsed.Run(s))
}

// report prints an error with what to do next, and gives its exit code.
func (s *stage) report(err error) int {
	if err == nil {
		return 0
	}
	if s.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.err, "suraag: stopped. What was sealed is kept; run the same command again to go on.")
		return 130
	}
	fmt.Fprintln(s.err, "suraag:", err)
	if hint := fault.Hint(err); hint != "" {
		fmt.Fprintln(s.err, "hint:", hint)
	}
	return fault.KindOf(err).Exit()
}

func variables(environ []string) map[string]string {
	env := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	return env
}

// settings takes flags that were not given from SURAAG_ variables: --data from
// SURAAG_DATA, --authority from SURAAG_AUTHORITY.
func (s *stage) settings() kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		value, set := s.env["SURAAG_"+strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))]
		if !set || flag.Name == "help" {
			return nil, nil
		}
		return value, nil
	})
}

// now is the clock. SURAAG_NOW holds it still, for transcripts.
func (s *stage) now() time.Time {
	if fixed, set := s.env["SURAAG_NOW"]; set {
		if t, err := time.Parse(time.RFC3339, fixed); err == nil {
			return t
		}
	}
	return time.Now()
}

func (s *stage) zone() (*time.Location, error) {
	if s.cli.Zone == "IST" {
		return instant.IST(), nil
	}
	z, err := time.LoadLocation(s.cli.Zone)
	if err != nil {
		err = fault.Newf(fault.Invalid, "zone %q: %w", s.cli.Zone, err)
		return nil, fault.WithHint(err, "give a name like Asia/Kolkata or UTC with --zone")
	}
	return z, nil
}

// by says who works: --by, or the account of the machine.
func (s *stage) by() string {
	if s.cli.By != "" {
		return s.cli.By
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

func (s *stage) data() (string, error) {
	if s.cli.Data != "" {
		return s.cli.Data, nil
	}
	if dir := s.env["XDG_DATA_HOME"]; dir != "" {
		return filepath.Join(dir, "suraag"), nil
	}
	if home := s.env["HOME"]; home != "" {
		return filepath.Join(home, ".local", "share", "suraag"), nil
	}
	err := fault.Newf(fault.Invalid, "no data folder")
	return "", fault.WithHint(err, "give --data DIR or set SURAAG_DATA")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
