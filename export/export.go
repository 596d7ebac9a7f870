// Package export writes what the record holds as documents that stand by
// themselves: a court, an expert or another agency reads and checks them without
// this program, its database or a network.
//
// Takes values of the rooms below and the bytes of sealed originals. Gives files.
// Never states what the record does not hold, never fills in what only a person
// can state, and never signs.
package export
