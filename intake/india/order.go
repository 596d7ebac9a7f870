package india

import (
	"regexp"
	"strings"

	"suraag/instant"
)

// orderOf says how the dates of a column are to be read, by its title and one
// of its values.
type orderOf func(title, value string) instant.DateOrder

var colonDate = regexp.MustCompile(`^\d{1,2}:\d{1,2}:\d{4}`)

// dayFirst is the order of IPDR: dd/mm/yyyy (DoT letter of 2021, items 13 and
// 14), unless the title itself says mm/dd.
func dayFirst(title, _ string) instant.DateOrder {
	if o := titled(title); o != "" {
		return o
	}
	return instant.DayFirst
}

// natOrder is the order of the translation log. The same letter fixes mm:dd:yyyy
// for it, with colons. An operator that writes other separators does not follow
// the letter, so nothing is known but what the officer declares; without that,
// both readings stay.
func natOrder(declared instant.DateOrder) orderOf {
	return func(title, value string) instant.DateOrder {
		if o := titled(title); o != "" {
			return o
		}
		if colonDate.MatchString(value) {
			return instant.MonthFirst
		}
		return declared
	}
}

// titled reads the order that a title spells out: "(dd/mm/yyyy)".
func titled(title string) instant.DateOrder {
	t := strings.ToLower(title)
	day, month := strings.Index(t, "dd"), strings.Index(t, "mm")
	switch {
	case day < 0 || month < 0 || !strings.Contains(t, "yy"):
		return ""
	case day < month:
		return instant.DayFirst
	}
	return instant.MonthFirst
}
