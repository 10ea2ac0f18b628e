package server

import (
	"hash/fnv"
	"io"

	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// nfsListBytes bounds a reply whatever the client asks for.
const nfsListBytes = 1 << 20

// listing is a directory as it was when a client began to read it.
type listing struct {
	id       NodeID
	verifier nfs3.CookieVerifier // zero: no listing
	entries  []Entry             // with "." and ".."
}

// nfsReaddirplus has a cookie be an entry's place in its listing, from one.
func (c *conn) nfsReaddirplus(in *call) error {
	a, err := nfs3.ParseReaddirplusArgs(in.args)
	if err != nil {
		return err
	}
	r := c.nfsListed(&a)
	c.out.end(nfs3.AppendReaddirplusReply(c.out.begin(in.xid), &r))
	return nil
}

func (c *conn) nfsListed(a *nfs3.ReaddirplusArgs) (r nfs3.ReaddirplusReply) {
	id, dir, err := c.nfsStat(&a.Dir)
	if err == nil {
		r.DirAttr = postOp(&dir)
		err = c.nfs.listing.fill(c.server.tree, id, a)
	}
	if err != nil {
		r.Status = statusOf(err)
		return r
	}
	l := &c.nfs.listing
	if a.Cookie > uint64(len(l.entries)) || a.Cookie > 0 && a.Verifier != l.verifier {
		r.Status = nfs3.StatusBadCookie
		return r
	}
	r.Verifier = l.verifier
	next := int(a.Cookie)
	for next < len(l.entries) && addFitting(&r.Entries, a, nfsEntry(&l.entries[next], next)) {
		next++
	}
	r.EOF = next == len(l.entries)
	if r.Entries.Bytes() == 0 && !r.EOF {
		r.Status = nfs3.StatusTooSmall
	}
	return r
}

// fill makes the listing that a call reads from, unless it is here: the one
// with the call's verifier, or a new one from the start or after another
// connection, or another process, began it.
func (l *listing) fill(tree Tree, id NodeID, a *nfs3.ReaddirplusArgs) error {
	if a.Cookie > 0 && l.id == id && l.verifier == a.Verifier {
		return nil
	}
	named, err := tree.List(id)
	if err != nil {
		return stale(err)
	}
	made := listing{id: id}
	for _, name := range []string{".", ".."} {
		stat, err := tree.Lookup(id, name)
		if err != nil {
			return stale(err)
		}
		made.entries = append(made.entries, Entry{Name: name, Attr: stat})
	}
	made.entries = append(made.entries, named...)
	// Attributes may change, cookies are of names.
	h := fnv.New64a()
	for i := range made.entries {
		io.WriteString(h, made.entries[i].Name)
		h.Write(made.entries[i].Attr.ID[:])
	}
	h.Sum(made.verifier[:0])
	*l = made
	return nil
}

func nfsEntry(e *Entry, index int) *nfs3.DirEntry {
	return &nfs3.DirEntry{
		FileID: e.Attr.Ino, Name: e.Name, Cookie: uint64(index) + 1,
		Attr:   postOp(&e.Attr),
		Handle: nfs3.OptionalHandle{Present: true, Handle: handleOf(e.Attr.ID)},
	}
}

// listEnvelopeBytes is what a listing has beside its entries: status,
// attributes, verifier, the marks of its end and of the directory's.
const listEnvelopeBytes = 4 + 4 + nfs3.FattrBytes + 8 + 4 + 4

// addFitting adds an entry if it keeps within the limit of the whole reply. The
// other, of names and cookies, would save nothing here.
func addFitting(l *nfs3.DirEntries, a *nfs3.ReaddirplusArgs, e *nfs3.DirEntry) bool {
	with := *l
	with.Add(e)
	if with.Bytes() > int(min(a.MaxCount, nfsListBytes))-listEnvelopeBytes {
		return false
	}
	*l = with
	return true
}
