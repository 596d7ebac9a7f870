// Package kik reads the logs in which Kik answers an authority.
//
// Takes a stream of lines whose columns have no names: the name of the file says
// what they mean. Gives sightings; the content id, followed across accounts,
// shows how one file was passed on. Never opens content.
//
// Files and positions: RLEAPP's readers of such returns (MIT, abrignoni/RLEAPP);
// see formats.md §5.4. Columns that those do not name are kept by their number.
package kik

import (
	"path"
	"strings"

	"suraag/sighting"
)

// none marks a column that a file does not have.
const none = -1

// columns are the positions in one kind of file, from 0.
type columns struct {
	title   string // of the file, for people
	suffix  bool   // the name of the file ends in the title
	act     sighting.Act
	least   int // cells of a whole row
	most    int // cells of the widest row that is understood
	user    int
	other   int // the other user
	group   int
	app     int
	content int
	ip      int
	port    int
	time    int
	device  int
	message int
	text    int
}

// blankColumns has no column at all.
func blankColumns() columns {
	return columns{user: none, other: none, group: none, app: none, content: none, ip: none, port: none, time: none, device: none, message: none, text: none}
}

// layouts lists every file that is read.
func layouts() []columns {
	bind, chat, send, text, binds := blankColumns(), blankColumns(), blankColumns(), blankColumns(), blankColumns()
	bind.title, bind.act, bind.least, bind.most = "bind.txt", sighting.Login, 5, 6
	bind.user, bind.ip, bind.port, bind.time, bind.device = 1, 2, 3, 4, 5
	chat.title, chat.act, chat.least, chat.most = "chat_platform_sent.txt", sighting.Send, 7, 7
	chat.user, chat.other, chat.app, chat.content, chat.ip, chat.time = 1, 2, 3, 4, 5, 6
	send.title, send.act, send.least, send.most = "group_send_msg_platform.txt", sighting.Send, 8, 8
	send.user, send.group, send.app, send.content, send.ip, send.time = 1, 3, 4, 5, 6, 7
	receive := send
	receive.title, receive.act = "group_receive_msg_platform.txt", sighting.Receive
	text.title, text.suffix, text.act, text.least, text.most = "data-text.csv", true, sighting.Send, 10, 10
	text.message, text.text, text.user, text.other, text.ip, text.port, text.time = 0, 3, 4, 5, 6, 7, 9
	binds.title, binds.suffix, binds.act, binds.least, binds.most = "binds.csv", true, sighting.Login, 4, 5
	binds.user, binds.ip, binds.port, binds.time, binds.device = 0, 1, 2, 3, 4
	return []columns{bind, chat, send, receive, text, binds, friends()}
}

// friends is the list of friendships: known, and without an act of this kind.
func friends() columns {
	f := blankColumns()
	f.title, f.least, f.most, f.user, f.other, f.time = "friend_added.txt", 4, 4, 1, 2, 3
	return f
}

// layoutOf finds the layout by the name of the file.
func layoutOf(name string) (columns, bool) {
	base := strings.ToLower(path.Base(name))
	for _, l := range layouts() {
		if base == l.title || l.suffix && strings.HasSuffix(base, l.title) {
			return l, true
		}
	}
	return columns{}, false
}
