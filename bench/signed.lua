-- wrk: send each request of a file once. The file holds whole HTTP requests, all of the same length.
-- Arguments: path, bytes of one request, how many, connections. After the last answer wrk is told to stop; prints one JSON line.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long sec; long nsec; } moment;
  int clock_gettime(int, moment *);
  int getpid(void);
  int kill(int, int);
]]
local threads = {}
local now = ffi.new("moment")

local function clock()
  ffi.C.clock_gettime(1, now)
  return tonumber(now.sec) + tonumber(now.nsec) * 1e-9
end

function setup(thread) table.insert(threads, thread) end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  requests, size, most, connections = file:read("*a"), tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  file:close()
  sent, promised, parked, began, ended = 0, 0, 0, 0, 0
end

-- Called when a connection is free to send: once when it opens, then after each answer.
function delay()
  if began == 0 then began = clock() end
  if promised < most then
    promised = promised + 1
    return 0
  end
  parked = parked + 1
  ended = clock()
  if parked == connections then ffi.C.kill(ffi.C.getpid(), 2) end
  return 600000
end

function request()
  if promised == 0 then return requests:sub(1, size) end -- wrk looks at one before it begins
  local from = sent * size
  sent = sent + 1
  return requests:sub(from + 1, from + size)
end

function done(summary, latency)
  local one = threads[1]
  local errors = summary.errors
  io.write(string.format(
    '{"answers": %d, "refused": %d, "broken": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    one:get("ended") - one:get("began"), latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
