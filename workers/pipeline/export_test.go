package pipeline

// UrgentMaybe tells whether the next dequeue looks at the urgent lane first.
func (c *Client) UrgentMaybe() bool { return c.lot.urgentMaybe.Load() }
