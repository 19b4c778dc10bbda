package engine

// collectClosing writes how far a process has ended that ends in chunks. At the mark its messages are taken back from the window; the
// feeder adds no more.
func (b *batch) collectClosing(p *proc) {
	total, left := p.state.Closing()
	switch {
	case total > 0:
		b.write.Closing(p.id, total, left)
		if !p.was.closing {
			b.recall = append(b.recall, p.id)
		}
	case p.was.closing:
		b.write.Closing(p.id, 0, 0)
	}
}
