"""Our defaults against those of darktable's GUI, in which a module was switched on as a person does it.

`data/every-module.dng.xmp` is what darktable 4.2.1 saved then; `data/make.py` has it made anew.
"""

from pathlib import Path

import pytest

from dayspool.develop.introspect import shipped
from dayspool.sidecar.document import Sidecar
from dayspool.sidecar.values import unpack

TUNED = {
    "clipping": {"ratio_d", "ratio_n"},  # the picture's own aspect
    "crop": {"ratio_d", "ratio_n"},
    "denoiseprofile": {"a[0]", "a[1]", "a[2]", "bias", "radius", "scattering", "shadows"},  # the sensor's noise
    "filmicrgb": {"output_power"},  # from its other values
}
"""What the GUI itself turns as soon as the module is on; darktable-cli takes the value that is written."""
BY_THE_PICTURE = {"colorin", "lens", "rawprepare", "temperature"}
NOT_TO_SWITCH = {"finalscale", "liquify", "mask_manager", "retouch", "rotatepixels", "scalepixels", "spots"}
"""Hidden, or asking for shapes."""


@pytest.fixture(scope="module")
def switched_on():
    """The steps by their modules; of those that were on already, and were switched off, how they were."""
    sidecar = Sidecar.read(Path(__file__).with_name("data").joinpath("every-module.dng.xmp").read_bytes())
    return {step.operation: step for step in sidecar.steps if step.enabled}


def test_every_module_that_can_be_was_switched_on(switched_on):
    operations = {module.operation for module in shipped().modules}
    assert operations - switched_on.keys() == NOT_TO_SWITCH


def test_the_gui_starts_from_our_defaults_too(switched_on):
    modules, differing = shipped(), {}
    for operation in switched_on.keys() - BY_THE_PICTURE:
        step = switched_on[operation]
        module = modules.find(operation, step.version)
        if step.params != module.defaults:
            ours, theirs = unpack(module, module.defaults), unpack(module, step.params)
            differing[operation] = {name for name in ours if ours[name] != theirs[name]}
    assert differing.keys() <= TUNED.keys()
    for operation, names in differing.items():
        assert names <= TUNED[operation], operation
