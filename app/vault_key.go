package app

import (
	"fmt"
	"io"
	"os"
	"os/exec"

	"filippo.io/age/plugin"

	"suraag/custody/vault"
	"suraag/fault"
)

type vaultKey struct{}

// Help is the long help of the command.
func (vaultKey) Help() string {
	return `Shows where the unit's key lives, its public half, and since when the record is encrypted to it. It opens nothing.

Example:
  suraag vault key

` + exitCodes
}

// KeyState is what there is to say of the unit's key.
type KeyState struct {
	File     string        `json:"file"`
	Kind     string        `json:"kind,omitempty"`    // empty: there is none yet, or not here
	Recorded vault.UnitKey `json:"recorded"`          // as the record says; empty: nothing was put into the vault yet
	Program  string        `json:"program,omitempty"` // that reaches the token, if it is installed
}

func (vaultKey) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	out := KeyState{File: h.key.path}
	if out.Recorded, err = h.db.UnitKey(s.ctx); err != nil {
		return err
	}
	if exists(h.key.path) {
		k, err := h.key.open(false)
		if err != nil {
			return err
		}
		out.Kind = k.Kind()
		if out.Program = k.Program(); out.Program != "" {
			if out.Program, err = exec.LookPath(out.Program); err != nil {
				return fault.WithHint(fault.Newf(fault.Unavailable, "%s, which reaches the token of the unit's key, is not installed here", k.Program()), "install it, in a folder of PATH")
			}
		}
	}
	if s.cli.JSON {
		return s.print(out)
	}
	w := &teller{out: s.out}
	switch out.Kind {
	case "":
		w.say("The unit has no key here yet; it is made in %s when something is first encrypted.", out.File)
	case vault.InFile:
		w.say("The unit's key lies open in %s: whoever reads that file reads the vault. Keep a copy elsewhere.", out.File)
	case vault.InPassphrase:
		w.say("The unit's key lies in %s, encrypted with a passphrase. Keep a copy of the file and of the passphrase elsewhere, apart.", out.File)
	case vault.InToken:
		w.say("The unit's key lives in a hardware token, which %s reaches; %s says which.", out.Program, out.File)
	}
	if r := out.Recorded; r.Public != "" {
		w.say("  public  %s", r.Public)
		w.say("  since   %s, by %s", r.At.Format("2 January 2006 15:04:05 MST"), r.By)
	}
	return nil
}

type vaultRekey struct {
	To         string `required:"" enum:"file,passphrase,token" help:"Where the new key lives: file, passphrase or token." placeholder:"WHERE"`
	Identity   string `help:"For a token: the file with its identity (AGE-PLUGIN-…), as its plugin wrote it." placeholder:"FILE"`
	Passphrase string `name:"new-passphrase-file" help:"For a passphrase: a file that holds the new one, instead of the terminal." placeholder:"FILE"`
}

// Help is the long help of the command.
func (vaultRekey) Help() string {
	return `Makes a new key for the unit, or takes one that lives in a token, and encrypts to it what was encrypted to the present one: the keys of items, who victims are, drafts, and the secrets of code devices. Content itself stays as it is. All of it is one transaction, and it is committed only when the new key has opened everything that it encrypted. The present key stays beside the new one, in a file that is named at the end: backups made before need it. Keep it with them, and remove it here.

A key behind a passphrase is asked for on the terminal when a command needs it, or read from the file that ` + passphraseFile + ` names. A token needs the program age-plugin-NAME of its maker on PATH, and two tokens with copies of one key, or it is lost with the token.

Examples:
  suraag vault rekey --to passphrase
  suraag vault rekey --to token --identity yubikey-identity.txt
  suraag vault rekey --to file

` + exitCodes
}

func (c *vaultRekey) Run(s *stage) error {
	if (c.To == vault.InToken) != (c.Identity != "") || c.Passphrase != "" && c.To != vault.InPassphrase {
		return fault.WithHint(fault.Newf(fault.Invalid, "--identity is for a token, --new-passphrase-file for a passphrase"), "suraag vault rekey --help shows each")
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	to, text, err := c.newKey(s)
	if err != nil {
		return err
	}
	done, err := h.Vault.Rekey(s.ctx, h.key.path, to, text, s.by())
	if err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(done)
	}
	fmt.Fprintf(s.out, "The unit's key lives in a %s now: %s\n", done.Key.Kind, done.Key.Public)
	fmt.Fprintf(s.out, "Encrypted to it: %s of the vault, %s, %s, %s.\n", counted(done.Items, "key"), counted(done.Victims, "victim"), counted(done.Drafts, "draft"), counted(done.Codes, "sign-in code"))
	if done.Before != "" {
		fmt.Fprintf(s.out, "The key before is in %s: backups made until now need it. Keep it with them, and remove it here.\n", done.Before)
	}
	return nil
}

func (c *vaultRekey) newKey(s *stage) (*vault.Key, []byte, error) {
	switch c.To {
	case vault.InPassphrase:
		words, err := c.passphrase(s)
		if err != nil {
			return nil, nil, err
		}
		return vault.MakeLocked(words)
	case vault.InToken:
		f, err := os.Open(c.Identity)
		if err != nil {
			return nil, nil, fault.Newf(fault.NotFound, "identity %q: %w", c.Identity, err)
		}
		defer f.Close()
		const limit = 64 << 10
		text, err := io.ReadAll(io.LimitReader(f, limit+1))
		if err != nil {
			return nil, nil, fault.Newf(fault.Unavailable, "identity %q: %w", c.Identity, err)
		}
		k, err := vault.ParseKey(text)
		if err != nil || k.Kind() != vault.InToken {
			return nil, nil, fault.WithHint(fault.Newf(fault.Invalid, "identity %q is none of a token", c.Identity), "its plugin writes it: a line that begins with AGE-PLUGIN-")
		}
		k.Ask = s.asking()
		return k, text, nil
	}
	return vault.MakeKey()
}

// passphrase asks for the new passphrase twice, or reads it from its file.
func (c *vaultRekey) passphrase(s *stage) (string, error) {
	if c.Passphrase != "" {
		return vault.ReadSecret(c.Passphrase)
	}
	terminal := plugin.NewTerminalUI(func(string, ...any) {}, func(string, ...any) {})
	var words [2]string
	for n, prompt := range []string{"New passphrase of the unit's key:", "The same again:"} {
		var err error
		if words[n], err = terminal.RequestValue("", prompt, true); err != nil {
			return "", fault.WithHint(fault.Newf(fault.Unavailable, "new passphrase: %w", err), "run it on a terminal, or give --new-passphrase-file")
		}
	}
	if words[0] != words[1] {
		return "", fault.WithHint(fault.Newf(fault.Invalid, "the two passphrases differ"), "nothing was changed; begin again")
	}
	return words[0], nil
}
