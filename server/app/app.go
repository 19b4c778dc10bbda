// Package app is the composition root: it makes every part from configuration, joins them by small adapters, and starts and
// stops them in one order. It may import everything; nothing imports it but the command.
package app
