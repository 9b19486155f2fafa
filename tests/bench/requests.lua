-- wrk sends requests that were made before, each of them once, and counts the answers by status
-- and by where they lead: `wrk -s requests.lua URL -- FILE`.

local requests, sent = {}, 0
answers = {} -- global: `done` asks each thread for it

function init(arguments)
   for text in io.open(arguments[1], "rb"):read("*a"):gmatch("%Z+") do
      requests[#requests + 1] = text
   end
end

function request()
   sent = sent + 1
   if sent >= #requests then
      wrk.thread:stop()
   end
   return requests[math.min(sent, #requests)]
end

function response(status, headers)
   local answer = status .. " " .. (headers["Location"] or "-")
   answers[answer] = (answers[answer] or 0) + 1
end

local threads = {}

function setup(thread)
   threads[#threads + 1] = thread
end

function done()
   for _, thread in ipairs(threads) do
      for answer, times in pairs(thread:get("answers")) do
         io.write("answered: ", answer, " ", times, "\n")
      end
   end
end
