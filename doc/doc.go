// Package doc holds those of the project's texts that travel in the program: a
// bundle encloses how it is checked and how the program was tested.
package doc

import "embed"

//go:embed *.md
var texts embed.FS

// Read gives a text by its file name; one that is not there is empty.
func Read(name string) []byte {
	text, err := texts.ReadFile(name)
	if err != nil {
		return nil
	}
	return text
}
