package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// client drives the product through its HTTP API.
type client struct {
	target Target
	http   *http.Client
	redis  *redis.Client
}

func newClient(target Target) *client {
	transport := &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}
	return &client{target: target, http: &http.Client{Transport: transport, Timeout: 60 * time.Second}, redis: redis.NewClient(target.Redis)}
}

// call sends one request and decodes the answer into out, unless out is nil.
func (c *client) call(ctx context.Context, method, path string, headers map[string]string, body, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the body of %s %s: %w", method, path, err)
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.target.BaseURL+"/api/v1"+path, reader)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.target.Token)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return &statusError{method + " " + path, response.StatusCode, string(answer)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

type statusError struct {
	request string
	status  int
	body    string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s answered %d: %s", e.request, e.status, e.body)
}

// publish creates the shape's definition and its first version, unless an earlier run did.
func (c *client) publish(ctx context.Context, s shape) error {
	var existing struct {
		Latest int `json:"latest"`
	}
	err := c.call(ctx, http.MethodGet, "/definitions/"+s.key, nil, nil, &existing)
	if err == nil && existing.Latest > 0 {
		return nil
	}
	var status *statusError
	if err != nil && (!errors.As(err, &status) || status.status != http.StatusNotFound) {
		return err
	}
	if err != nil {
		if err := c.call(ctx, http.MethodPost, "/definitions", nil, map[string]any{"key": s.key, "title": s.title, "document": s.document}, nil); err != nil {
			return err
		}
	}
	var draft struct {
		Revision int64 `json:"revision"`
	}
	if err := c.call(ctx, http.MethodGet, "/definitions/"+s.key+"/draft", nil, nil, &draft); err != nil {
		return err
	}
	match := map[string]string{"If-Match": strconv.Quote(strconv.FormatInt(draft.Revision, 10))}
	return c.call(ctx, http.MethodPost, "/definitions/"+s.key+"/publish", match, map[string]any{"note": "benchmark"}, nil)
}

func (c *client) start(ctx context.Context, s shape, customID string) (string, error) {
	var started struct {
		ID string `json:"id"`
	}
	err := c.call(ctx, http.MethodPost, "/processes", map[string]string{"Idempotency-Key": uuid.NewString()},
		map[string]any{"definition": s.key, "custom_id": customID, "input": startInput()}, &started)
	return started.ID, err
}

// warmUp runs a few processes of each shape, so that connections, plans and caches exist.
func (c *client) warmUp(ctx context.Context) error {
	for _, s := range []shape{chain10, fan20} {
		if _, err := c.throughput(ctx, s, 200, 8); err != nil {
			return err
		}
	}
	return nil
}

// throughput starts n processes and measures their tasks, from the first request to the last end.
func (c *client) throughput(ctx context.Context, s shape, n, starters int) (sample, error) {
	before, err := c.ended(ctx, s)
	if err != nil {
		return sample{}, err
	}
	logBefore, err := c.logged(ctx)
	if err != nil {
		return sample{}, err
	}
	spent, began := treeTicks(), time.Now()
	started := make([]string, n)
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, starters)
	for range starters {
		group.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				id, err := c.start(ctx, s, "bench-"+uuid.NewString())
				if err != nil {
					failures <- err
					return
				}
				started[i-1] = id
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return sample{}, err
	default:
	}
	if err := c.untilAllEnded(ctx, started); err != nil {
		return sample{}, err
	}
	took, spentAfter := time.Since(began), treeTicks()
	logAfter, err := c.logged(ctx)
	if err != nil {
		return sample{}, err
	}
	after, err := c.ended(ctx, s)
	if err != nil {
		return sample{}, err
	}
	if after-before != n {
		return sample{}, fmt.Errorf("%d of %d processes completed", after-before, n)
	}
	tasks := n * s.tasks
	return sample{rate: float64(tasks) / took.Seconds(), cpu: cpuPerTask(spent, spentAfter, tasks), wal: (logAfter - logBefore) / float64(tasks)}, nil
}

// logged tells how many bytes PostgreSQL has written to its log so far.
func (c *client) logged(ctx context.Context) (bytes float64, err error) {
	err = c.target.DB.QueryRow(ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8`).Scan(&bytes)
	return bytes, err
}

// ended counts the completed processes of a shape.
func (c *client) ended(ctx context.Context, s shape) (int, error) {
	var n int
	err := c.target.DB.QueryRow(ctx, `SELECT count(*) FROM process WHERE definition_key = $1 AND state = 'completed'`, s.key).Scan(&n)
	return n, err
}

// untilAllEnded waits until every process has ended. It asks by primary key, beginning with the youngest: what measures must
// not take part of the load.
func (c *client) untilAllEnded(ctx context.Context, open []string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(open) > 0 {
		ended, err := c.hasEnded(ctx, open[len(open)-1])
		if err != nil {
			return err
		}
		if ended {
			older := max(len(open)-500, 0)
			rest, err := c.notEnded(ctx, open[older:])
			if err != nil {
				return err
			}
			open = append(open[:older], rest...)
			continue
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d processes are still running: %w", len(open), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

func (c *client) hasEnded(ctx context.Context, id string) (bool, error) {
	var ended bool
	err := c.target.DB.QueryRow(ctx, `SELECT ended_at IS NOT NULL FROM process WHERE id = $1`, id).Scan(&ended)
	return ended, err
}

func (c *client) notEnded(ctx context.Context, ids []string) ([]string, error) {
	rows, err := c.target.DB.Query(ctx, `SELECT id::text FROM process WHERE id = ANY($1::uuid[]) AND ended_at IS NULL ORDER BY id`, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// latency runs n chains one at a time and returns the median and the 99th percentile in milliseconds. The end is known from
// the product's own feed of committed changes.
func (c *client) latency(ctx context.Context, n int) (p50, p99 float64, err error) {
	feed := c.redis.Subscribe(ctx, c.target.Keys.Live())
	defer feed.Close()
	if _, err := feed.Receive(ctx); err != nil {
		return 0, 0, err
	}
	changes := feed.Channel(redis.WithChannelSize(10_000))
	var took []float64
	for range n {
		began := time.Now()
		id, err := c.start(ctx, chain10, "bench-"+uuid.NewString())
		if err != nil {
			return 0, 0, err
		}
		if err := c.untilEnded(ctx, id, changes); err != nil {
			return 0, 0, err
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	return percentile(took, 50), percentile(took, 99), nil
}

func (c *client) untilEnded(ctx context.Context, id string, changes <-chan *redis.Message) error {
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	recheck := time.NewTicker(250 * time.Millisecond)
	defer recheck.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return fmt.Errorf("process %s has not ended within 30 s", id)
		case message := <-changes:
			if !bytes.Contains([]byte(message.Payload), []byte(id)) {
				continue
			}
		case <-recheck.C:
		}
		if ended, err := c.hasEnded(ctx, id); ended || err != nil {
			return err
		}
	}
}
