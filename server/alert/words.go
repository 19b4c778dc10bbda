package alert

import (
	"fmt"
	"time"
)

// words are the texts of mails in one language.
type words struct {
	kinds                                                           map[Kind]string
	definition, node, code, pool, waiting, since, lasted, total     string
	rule, open, more                                                string
	incident, digest, noWorker, tooOld, late, over, reminder, tried string
	leadOpened, leadDigest, leadReminder, leadRecovered, leadTest   string
	units                                                           [4]string // days, hours, minutes, seconds
}

var english = &words{
	kinds: map[Kind]string{
		IncidentOpened: "Incident opened", PoolWithoutWorker: "Pool without a worker", QueueTooOld: "Queue too old", ProcessOverTime: "Process over its time",
	},
	definition: "Definition", node: "Node", code: "Error", pool: "Pool", waiting: "Tasks waiting", since: "Since", lasted: "Lasted", total: "In all",
	rule: "Rule", open: "Open in Taskurotta", more: "and %d more",
	incident: "%s: incident %s", digest: "%d × %s: %s", noWorker: "No worker for pool %s", tooOld: "The queue of pool %s is too old", late: "%s runs over its time: %s",
	over: "Recovered: %s", reminder: "Still: %s", tried: "Test: %s",
	leadOpened: "This needs somebody.", leadDigest: "So much came at once that one mail tells of all.", leadReminder: "It is still so.",
	leadRecovered: "It is good again.", leadTest: "This is a test: mails of this rule arrive here.",
	units: [4]string{"d", "h", "min", "s"},
}

var russian = &words{
	kinds: map[Kind]string{
		IncidentOpened: "Открыт инцидент", PoolWithoutWorker: "Пул без исполнителя", QueueTooOld: "Очередь слишком стара", ProcessOverTime: "Процесс дольше срока",
	},
	definition: "Определение", node: "Узел", code: "Ошибка", pool: "Пул", waiting: "Ждут задач", since: "С", lasted: "Длилось", total: "Всего",
	rule: "Правило", open: "Открыть в Taskurotta", more: "и ещё %d",
	incident: "%s: инцидент %s", digest: "%d × %s: %s", noWorker: "Нет исполнителя у пула %s", tooOld: "Очередь пула %s слишком стара", late: "%s идёт дольше срока: %s",
	over: "Восстановлено: %s", reminder: "Всё ещё: %s", tried: "Проверка: %s",
	leadOpened: "Нужно вмешательство.", leadDigest: "Случилось так много сразу, что об этом одно письмо.", leadReminder: "Это всё ещё так.",
	leadRecovered: "Снова в порядке.", leadTest: "Это проверка: письма этого правила приходят сюда.",
	units: [4]string{"д", "ч", "мин", "с"},
}

// subject says a notice in one line.
func (w *words) subject(c *Claimed) string {
	line := w.line(c)
	switch c.Notice.Kind {
	case Recovered:
		return fmt.Sprintf(w.over, line)
	case Reminder:
		return fmt.Sprintf(w.reminder, line)
	case Test:
		name := c.Rule.Name
		if name == "" {
			name = w.kinds[c.Rule.Kind]
		}
		return fmt.Sprintf(w.tried, name)
	}
	return line
}

// line names what is bad; a single process by its customId.
func (w *words) line(c *Claimed) string {
	f := &c.Notice.Facts
	definition := f.DefinitionTitle
	if definition == "" {
		definition = f.Definition
	}
	single := f.Count == 1 && len(f.Items) == 1
	switch c.Rule.Kind {
	case PoolWithoutWorker:
		return fmt.Sprintf(w.noWorker, f.Pool)
	case QueueTooOld:
		return fmt.Sprintf(w.tooOld, f.Pool)
	case ProcessOverTime:
		if single {
			return fmt.Sprintf(w.late, nameOf(&f.Items[0]), definition)
		}
		return fmt.Sprintf(w.digest, max(f.Count, f.Total), w.kinds[c.Rule.Kind], definition)
	default:
		if single {
			return fmt.Sprintf(w.incident, nameOf(&f.Items[0]), f.ErrorCode)
		}
		count := f.Count
		if count == 0 {
			count = f.Total
		}
		node := f.NodeTitle
		if node == "" {
			node = f.NodeID
		}
		return fmt.Sprintf(w.digest, count, f.ErrorCode, definition+" / "+node)
	}
}

func (w *words) lead(c *Claimed) string {
	switch c.Notice.Kind {
	case Digest:
		return w.leadDigest
	case Reminder:
		return w.leadReminder
	case Recovered:
		return w.leadRecovered
	case Test:
		return w.leadTest
	default:
		return w.leadOpened
	}
}

// duration shows the two largest units.
func (w *words) duration(d time.Duration) string {
	seconds := int64(d / time.Second)
	parts := [4]int64{seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60}
	out := ""
	shown := 0
	for i, n := range parts {
		if n == 0 && (shown > 0 || i < 3) || shown == 2 {
			if shown > 0 {
				shown = 2
			}
			continue
		}
		if out != "" {
			out += " "
		}
		out += fmt.Sprintf("%d %s", n, w.units[i])
		shown++
	}
	return out
}
