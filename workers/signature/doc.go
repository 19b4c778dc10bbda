// Package signature judges signatures: detached and enclosing CMS (RFC 5652, CAdES-BES), time stamps (RFC 3161), XML signatures
// (XML-DSig 1.1) and the certificates behind them (RFC 5280). It answers with a verdict that names each check, and never fails
// on what it is given: hostile input is a verdict too.
//
// It knows no queue, no file store and no clock but the one it is given; it imports crypto and, for XML, a canonicalizer.
package signature
