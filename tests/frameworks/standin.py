"""A graphics card that is not there: PyTorch's own autograd and autocast on tensors that say they are on one.

Fake tensors have shapes and no elements. Autocast, dropout and what a step keeps are decided by PyTorch as on a card;
the kernel of attention, which only a build for CUDA chooses, is chosen here by the conditions of `sdp_utils.cpp`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from weakref import WeakSet

from tests.frameworks.frameworks import fake_tensors, torch

DEVICE_TYPES = 22
CUDA, META = 1, 14
PRECISIONS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


def let_autograd_know_of_cuda() -> None:
    """Has a build without CUDA take such tensors: it asks for a guard of their device, which guards nothing here."""
    library = ctypes.CDLL(str(Path(torch.__file__).with_name("lib") / "libc10.so"))
    guards = (ctypes.c_void_p * DEVICE_TYPES).in_dll(library, "_ZN3c104impl26device_guard_impl_registryE")
    if not guards[CUDA]:
        guards[CUDA] = guards[META]


class Saved:
    """A tensor that autograd saved, for as long as it holds it."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


class StandIn:
    """Turns modules and tensors on the meta device into ones that say they are on a card."""

    def __init__(self) -> None:
        let_autograd_know_of_cuda()
        self.mode = fake_tensors.FakeTensorMode()
        self.device = torch.device("cuda:0")

    def tensor(self, tensor: Any) -> Any:
        """A tensor of that size on the card."""
        return fake_tensors.FakeTensor(self.mode, tensor.detach(), self.device)

    def module(self, net: Any) -> Any:
        """The module with its parameters and buffers on the card; what was shared stays so."""
        moved: dict[int, Any] = {}
        for module in net.modules():
            for name, given in list(module._parameters.items()):
                if given is not None and id(given) not in moved:
                    moved[id(given)] = torch.nn.Parameter(self.tensor(given), requires_grad=given.requires_grad)
                module._parameters[name] = given if given is None else moved[id(given)]
            for name, given in list(module._buffers.items()):
                module._buffers[name] = given if given is None else self.tensor(given)
        return net

    def kept(self, net: Any, images: list[Any], precision: str) -> int:
        """The bytes of the distinct storages that are saved, without parameters, buffers and inputs."""
        net, images = self.module(net), [self.tensor(image) for image in images]
        given = {key_of(tensor) for tensor in (*net.parameters(), *net.buffers(), *images)}
        saved: WeakSet[Saved] = WeakSet()

        def pack(tensor: Any) -> Saved:
            found = Saved(tensor)
            saved.add(found)
            return found

        hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda found: found.tensor)
        with ExitStack() as stack:
            for context in (self.mode, hooks, autocast(PRECISIONS[precision]), chosen_attention()):
                stack.enter_context(context)
            outputs = net(*images)
            # While the outputs live, so does what their gradients need; what nobody's gradient needs is gone.
            storages = {key_of(found.tensor): found.tensor.untyped_storage().nbytes() for found in saved}
            del outputs
        return sum(size for key, size in storages.items() if key not in given)


def key_of(tensor: Any) -> int:
    """A number that tells a storage from others."""
    return int(tensor.untyped_storage()._cdata)


@contextmanager
def autocast(dtype: Any) -> Iterator[None]:
    """Autocast as on a card; `torch.autocast` itself turns off where there is none."""
    if dtype is None:
        yield
        return
    torch.set_autocast_dtype("cuda", dtype)
    torch.set_autocast_enabled("cuda", True)
    torch.autocast_increment_nesting()
    try:
        yield
    finally:
        if torch.autocast_decrement_nesting() == 0:
            torch.clear_autocast_cache()
        torch.set_autocast_enabled("cuda", False)


def chosen_attention() -> Any:
    """Scaled dot-product attention by the kernel that PyTorch chooses on a card of Ampere or newer."""
    return mock.patch.object(torch.nn.functional, "scaled_dot_product_attention", attention)


def attention(query: Any, key: Any, value: Any, mask: Any = None, dropout: float = 0.0, *other: Any) -> Any:
    """By flash attention, the memory-efficient kernel, or product by product."""
    assert mask is None
    assert not dropout
    assert not any(other)
    casts = torch.is_autocast_enabled("cuda")
    if casts:
        query, key, value = (part.to(torch.get_autocast_dtype("cuda")) for part in (query, key, value))
    torch.set_autocast_enabled("cuda", False)
    try:
        return _by_kernel(query, key, value)
    finally:
        torch.set_autocast_enabled("cuda", casts)


def _by_kernel(query: Any, key: Any, value: Any) -> Any:
    size, last = query.shape[-1], value.shape[-1]
    half = query.dtype != torch.float32
    # What the kernels read lies beside each other, or none of them takes it.
    assert all(part.stride(-1) == 1 or part.shape[-1] == 1 for part in (query, key, value))
    if half and size == last <= 256:
        short = -size % 8
        parts = [torch.nn.functional.pad(part, (0, short)) if short else part for part in (query, key, value)]
        mixed = torch.ops.aten._scaled_dot_product_flash_attention(*parts, scale=size**-0.5)[0]
        return mixed[..., :size] if short else mixed
    if size % (8 if half else 4) == last % (8 if half else 4) == 0:
        return torch.ops.aten._scaled_dot_product_efficient_attention(query, key, value, None, True)[0]
    return torch.ops.aten._scaled_dot_product_attention_math(query, key, value)[0]
