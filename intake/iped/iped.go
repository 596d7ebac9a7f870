// Package iped reads the list of files that IPED writes beside its report.
//
// Takes FileList.csv, English or Brazilian Portuguese (formats.md §5.7). Gives
// one holding per row: this file was on the seized device. Never says who put it
// there, and never opens what a row links to.
package iped

import "suraag/intake/table"

// Our words for the columns. The header of IPED's English export is
// "Name","Link","Size","Extension","Bookmark","Category","MD5","SHA1","Deleted",
// "Carved","Accessed","Modified","Created","Path","TrackId".
const (
	name     = "Name"
	link     = "Link"
	size     = "Size"
	ext      = "Extension"
	bookmark = "Bookmark"
	category = "Category"
	deleted  = "Deleted"
	carved   = "Carved"
	accessed = "Accessed"
	modified = "Modified"
	created  = "Created"
	path     = "Path"
	trackID  = "TrackId"
)

// columns joins them to the Portuguese header: Nome;Atalho;Tamanho;Ext;Marcador;
// Categoria;MD5;SHA1;Deletado;Recuperado;Acesso;Modificação;Criação;Caminho;TrackId.
var columns = table.Names{
	name: {"Nome"}, link: {"Atalho"}, size: {"Tamanho"}, ext: {"Ext"}, bookmark: {"Marcador", "Bookmarks", "Marcadores"},
	category: {"Categoria", "Categories"}, deleted: {"Deletado"}, carved: {"Recuperado"}, accessed: {"Acesso"},
	modified: {"Modificação", "Modificacao"}, created: {"Criação", "Criacao"}, path: {"Caminho"}, trackID: {"Track Id"},
	"MD5": nil, "SHA1": {"SHA-1"}, "SHA256": {"SHA-256"}, "PhotoDNA": nil,
}

// digests are the columns that hold one, strongest first.
var digests = []string{"SHA256", "SHA1", "MD5", "PhotoDNA"}

// kept columns go into the extra fields under our words, in this order.
var kept = []string{path, bookmark, category, deleted, carved, accessed, modified, ext, trackID}
