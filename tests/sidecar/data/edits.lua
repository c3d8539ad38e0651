-- Run inside darktable's GUI by make.py: import a folder, edit pictures as a person would, rate and label them.
local dt = require "darktable"
local folder = os.getenv("DAYSPOOL_PICTURES")
local pause = dt.control.sleep

local function act(...)
  dt.gui.action(...)
  pause(500)
end

local function in_darkroom(picture, edit)
  dt.gui.selection{picture}
  pause(300)
  dt.gui.current_view(dt.gui.views.darkroom)
  repeat
    pause(500)
    dt.gui.views.darkroom.display_image(picture)
    pause(1000)
    local shown = dt.gui.views.darkroom.display_image()
  until shown and shown.filename == picture.filename
  pause(1500)
  edit()
  pause(500)
  dt.gui.current_view(dt.gui.views.lighttable)
  pause(2000)
end

local function edit()
  act("iop/exposure/exposure", 0, "value", "set", 0.5)
  act("iop/exposure/exposure", 0, "value", "up", 4)
  act("iop/exposure", 0, "instance", "new", 1.0)
  act("iop/exposure/exposure", 0, "value", "up", 2)
  act("iop/colorbalancergb", 0, "enable", "on", 1.0)
  act("iop/colorbalancergb/contrast", 0, "value", "up", 3)
  act("iop/vignette", 0, "enable", "on", 1.0)
end

dt.control.dispatch(function()
  pause(1500)
  dt.database.import(folder)
  pause(2500)
  local by_name = {}
  for _, picture in ipairs(dt.database) do by_name[picture.filename] = picture end
  for _, name in ipairs{"raw-edited.dng", "jpeg-edited.jpg", "jpeg-ours-edited.jpg"} do
    in_darkroom(by_name[name], edit)
  end
  in_darkroom(by_name["raw-ours-opened.dng"], function() end)
  in_darkroom(by_name["raw-mask.dng"], function()
    act("iop/exposure/exposure", 0, "value", "set", 0.25)
  end)
  for name, picture in pairs(by_name) do
    picture.red = name == "jpeg-rated.jpg"
    picture.blue = name == "jpeg-rated.jpg"
    picture.rating = name == "jpeg-rated.jpg" and 4 or 2
  end
  pause(1500)
  io.open(folder .. "/done", "w"):close()
end)
