// Package sheet writes tables of text and whole numbers as CSV and XLSX.
//
// Takes rows. Gives files that a spreadsheet opens without doing anything: a cell
// that begins like a formula stays text (CWE-1236), and an identifier of many
// digits is not rounded.
package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"suraag/fault"
)

// CSV writes rows separated by commas, in UTF-8.
func CSV(w io.Writer, rows [][]string) error {
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for n, cell := range row {
			safe[n] = tame(cell)
		}
		if err := c.Write(safe); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	c.Flush()
	return fault.As(fault.Unavailable, c.Error())
}

// tame keeps a spreadsheet from taking text for a formula when it opens a CSV.
func tame(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// maxDigits is how many digits a spreadsheet holds exactly (IEEE 754: 2⁵³).
const maxDigits = 15

// XLSX writes rows as one sheet, whole numbers as numbers.
func XLSX(w io.Writer, name string, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return fault.Newf(fault.Invalid, "sheet name %q: %w", name, err)
	}
	for r, row := range rows {
		for c, cell := range row {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				return fault.Newf(fault.TooLarge, "row %d, column %d: %w", r+1, c+1, err)
			}
			var v any = cell
			if n, err := strconv.Atoi(cell); err == nil && len(cell) <= maxDigits && strconv.Itoa(n) == cell {
				v = n
			}
			if err := f.SetCellValue(name, at, v); err != nil {
				return fault.As(fault.Internal, err)
			}
		}
	}
	if err := f.Write(w); err != nil {
		return fault.As(fault.Unavailable, err)
	}
	return nil
}
