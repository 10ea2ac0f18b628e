// Package faults is a TCP proxy that harms what it relays: for tests of clients,
// and for whoever wants to see what theirs is worth. It understands the record
// marks of RPC, so that it can break a stream at any byte as well as send a reply
// late, twice, or with a wrong field.
//
// A client goes through it with [Proxy.Dial] for its dialling function
// (transport.ConnOptions.Dial, readv.Options.Dial); the proxy connects to the
// address that was asked for. What happens to a connection says its [Script]: a
// few faults at exact places, or [Random] ones. Only the server's stream to the
// client is harmed; requests are passed on, or swallowed.
//
// A fault never tells a lie that the client could not find out: RPC has no
// checksums. Payload, ends of files and error numbers stay as they are (except
// for [FieldPayload], which no random script has). Every corruption is one that a
// client that compares lengths and transaction numbers must see.
package faults
