-- wrk sends requests that were made before, each of them once, and counts the answers by status
-- and by where they lead: `wrk -s requests.lua URL -- FILE`.

local ffi = require("ffi")
ffi.cdef [[
   typedef struct { long seconds; long microseconds; } moment;
   int gettimeofday(moment *now, void *zone);
]]

local requests, sent = {}, 0
answers, first, last = {}, 0, 0 -- global: `done` asks each thread for them

local function now()
   local moment = ffi.new("moment")
   ffi.C.gettimeofday(moment, nil)
   return tonumber(moment.seconds) + tonumber(moment.microseconds) / 1e6
end

function init(arguments)
   for text in io.open(arguments[1], "rb"):read("*a"):gmatch("%Z+") do
      requests[#requests + 1] = text
   end
end

function request()
   sent = sent + 1
   if sent == 1 then
      first = now()
   end
   if sent >= #requests then
      wrk.thread:stop()
   end
   return requests[math.min(sent, #requests)]
end

function response(status, headers)
   local answer = status .. " " .. (headers["Location"] or "-")
   answers[answer] = (answers[answer] or 0) + 1
   last = now()
end

local threads = {}

function setup(thread)
   threads[#threads + 1] = thread
end

function done()
   for _, thread in ipairs(threads) do
      -- wrk waits for the whole time, also when all of them are answered.
      io.write("seconds: ", thread:get("last") - thread:get("first"), "\n")
      for answer, times in pairs(thread:get("answers")) do
         io.write("answered: ", answer, " ", times, "\n")
      end
   end
end
