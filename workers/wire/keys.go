package wire

import (
	"fmt"
	"hash/fnv"
)

// Shards is the number of result streams; a process belongs to one for its whole life.
const Shards = 16

// Shard returns the shard (0 to 15) of a process id in its text form.
func Shard(process string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(process))
	return int(h.Sum32() % Shards)
}

// Lane is one of a pool's two queues.
type Lane string

// The lanes: urgent is served first.
const (
	LaneNormal Lane = "normal"
	LaneUrgent Lane = "urgent"
)

// Other is the lane that l is not.
func (l Lane) Other() Lane {
	if l == LaneUrgent {
		return LaneNormal
	}
	return LaneUrgent
}

// Keys names everything that an installation keeps in Redis; ID keeps installations and tests apart.
type Keys struct{ ID string }

// Results is the stream of a shard's reports. Its consumer group is Group.
func (k Keys) Results(shard int) string { return fmt.Sprintf("%s:results:%d", k.ID, shard) }

// Group is the consumer group of the result streams.
const Group = "engine"

// ReportField is the field of a stream entry that holds the Report as JSON.
const ReportField = "r"

// Queue is the asynq queue of a pool's lane.
func (k Keys) Queue(pool string, lane Lane) string {
	if lane == LaneUrgent {
		return k.ID + "." + pool + ".urgent"
	}
	return k.ID + "." + pool
}

// Wake is the pub/sub channel that says that a pool's queue got messages; the payload is the lane.
func (k Keys) Wake(pool string) string { return k.ID + ":wake:" + pool }

// Workers is the hash worker id → Beat as JSON.
func (k Keys) Workers() string { return k.ID + ":workers" }

// Paused is the hash "type:NAME@MAJOR" or "pool:NAME" → reason, written by the engines.
func (k Keys) Paused() string { return k.ID + ":paused" }

// Drains is the hash worker id → Drain as JSON, written by the engines: the workers that are to take no more tasks.
func (k Keys) Drains() string { return k.ID + ":drains" }

// PauseNews is the pub/sub channel that tells that Paused or Drains has changed.
func (k Keys) PauseNews() string { return k.ID + ":pause-news" }

// Cancels is the pub/sub channel with asynq task ids whose attempts are to stop.
func (k Keys) Cancels() string { return k.ID + ":cancel" }

// Verdicts is the hash worker id → []Refusal as JSON, written by an engine once the catalog knows the worker's node types: an
// empty list means that all are accepted. Until then a worker takes no tasks.
func (k Keys) Verdicts() string { return k.ID + ":verdicts" }

// Generation is a key that the engine sets once; its absence means that Redis lost its data.
func (k Keys) Generation() string { return k.ID + ":generation" }

// Live is the pub/sub channel of committed changes: see LiveEntry.
func (k Keys) Live() string { return k.ID + ":live" }

// Inbox is the pub/sub channel that wakes the owner of a shard; the payload is the shard's number.
func (k Keys) Inbox() string { return k.ID + ":inbox" }

// TaskID is the asynq task id of one dispatch of a task.
func TaskID(task string, epoch int64) string { return fmt.Sprintf("%s.%d", task, epoch) }
