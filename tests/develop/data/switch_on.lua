-- Run inside darktable's GUI by make.py: open the RAW in the darkroom and switch on one module after the other.
local dt = require "darktable"
local folder = os.getenv("DAYSPOOL_PICTURES")
local pause = dt.control.sleep

dt.control.dispatch(function()
  pause(1500)
  dt.database.import(folder)
  pause(2500)
  for _, picture in ipairs(dt.database) do
    if picture.filename == "every-module.dng" then
      dt.gui.selection{picture}
      pause(300)
      dt.gui.current_view(dt.gui.views.darkroom)
      pause(800)
      dt.gui.views.darkroom.display_image(picture)
      pause(1500)
      for module in io.lines(folder .. "/../modules") do
        pcall(function() dt.gui.action("iop/" .. module, 0, "enable", "on", 1.0) end)
        pause(250)
      end
      pause(1000)
      dt.gui.current_view(dt.gui.views.lighttable)
      for _ = 1, 60 do -- it saves when it has developed the picture
        pause(1000)
        local sidecar = io.open(folder .. "/every-module.dng.xmp")
        local text = sidecar and sidecar:read("*a") or ""
        if text:find("zonesystem") then break end
      end
    end
  end
  io.open(folder .. "/done", "w"):close()
end)
