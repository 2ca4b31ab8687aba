"""Values and gradients of the ops for images, sound and boxes, from PyTorch 2.15 in float64. Writes visionOps.json.

    python3 test/golden/visionOps.py

Our axes: images (B, H, W, C), sequences (B, T, C), weights of a convolution (kH, kW, Cin/groups, Cout).
"""
import torch
import torch.nn.functional as F
from cases import case, write

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def last(f):
    """f of images with channels second, for images with channels last."""
    return lambda x, *rest: f(x.movedim(-1, 1), *rest).movedim(1, -1)


def convolved(rank, **options):
    conv = {1: F.conv1d, 2: F.conv2d}[rank]
    return last(lambda x, w, b=None: conv(x, w.permute(-1, -2, *range(rank)), b, **options))


image = torch.randn(2, 5, 6, 4)
for name, k, cout, options in [
    ('plain', (3, 3), 5, {}),
    ('stride 2, padding 1', (3, 3), 5, dict(stride=2, padding=1)),
    ('pairs', (2, 3), 3, dict(stride=(2, 1), padding=(0, 2), dilation=(1, 2))),
    ('groups', (3, 3), 6, dict(groups=2, padding=1)),
    ('depthwise', (3, 3), 8, dict(groups=4, padding=1)),
    ('same', (4, 3), 3, dict(padding='same')),
    ('1×1', (1, 1), 3, {}),
]:
    cin = 4 // options.get('groups', 1)
    case(f'conv2d {name}', convolved(2, **options), x=image, weight=torch.randn(*k, cin, cout), bias=torch.randn(cout))
case('conv2d without bias', convolved(2), x=image, weight=torch.randn(3, 3, 4, 5))

sound = torch.randn(2, 11, 4)
for name, k, cout, options in [
    ('plain', 3, 5, {}),
    ('stride 2, padding 1, dilation 2', 3, 5, dict(stride=2, padding=1, dilation=2)),
    ('groups', 3, 6, dict(groups=2, padding=1)),
    ('same', 4, 2, dict(padding='same')),
]:
    cin = 4 // options.get('groups', 1)
    case(f'conv1d {name}', convolved(1, **options), x=sound, weight=torch.randn(k, cin, cout), bias=torch.randn(cout))
for k in (1, 5, 15):
    depthwise = last(lambda x, w, b=None: F.conv1d(x, w.T[:, None, :], b, padding='same', groups=4))
    case(f'depthwiseConv1d {k}', depthwise, x=sound, weight=torch.randn(k, 4), bias=torch.randn(4))

ties = torch.randint(0, 3, (1, 7, 6, 2)).double()  # equal elements: the first one gets the gradient
for label, x in [('', image), (' with ties', ties)]:
    case(f'maxPool2d 2{label}', last(lambda x: F.max_pool2d(x, 2)), x=x)
    case(f'maxPool2d 3, stride 2, padding 1{label}', last(lambda x: F.max_pool2d(x, 3, 2, 1)), x=x)
case('avgPool2d 2', last(lambda x: F.avg_pool2d(x, 2)), x=image)
case('avgPool2d 3, stride 2, padding 1', last(lambda x: F.avg_pool2d(x, 3, 2, 1)), x=image)
case('avgPool2d all', lambda x: x.mean((1, 2)), x=image)

normal = lambda x, gain, bias, eps=1e-5: last(lambda x: F.batch_norm(x, None, None, gain, bias, True, 0.1, eps))(x)
case('batchNorm of images', normal, x=image * 2 + 3, gain=torch.randn(4), bias=torch.randn(4))
case('batchNorm of sound, eps 0.1', lambda *a: normal(*a, 0.1), x=sound, gain=torch.randn(4), bias=torch.randn(4))


def relative_shift(x):
    """As Transformer-XL writes it: a column of zeros in front, and rows read one number off."""
    *lead, T, columns = x.shape
    padded = F.pad(x, (1, 0)).reshape(*lead, columns + 1, T)
    return padded[..., 1:, :].reshape(*lead, T, columns)[..., :T]


case('relativeShift', relative_shift, x=torch.randn(2, 3, 5, 9))


def corners(b):
    c, s = b.chunk(2, -1)
    return torch.cat([c - s / 2, c + s / 2], -1)


def iou(a, b, generalized):
    meet = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    area = lambda c: (c[..., 2:] - c[..., :2]).prod(-1)
    union = area(a) + area(b) - meet
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    return meet / union - ((hull - union) / hull if generalized else 0)


boxes = lambda *shape: torch.cat([torch.rand(*shape, 2), torch.rand(*shape, 2) * 0.5 + 0.05], -1)
a, b = boxes(6), boxes(6)
case('boxCorners', corners, boxes=a)
case('boxCentres', lambda c: torch.cat([(c[..., :2] + c[..., 2:]) / 2, c[..., 2:] - c[..., :2]], -1), corners=corners(b))
for generalized in (False, True):
    name = 'generalizedIoU' if generalized else 'boxIoU'
    case(name, lambda a, b: iou(corners(a), corners(b), generalized), a=a, b=b)
    case(f'{name} of all pairs', lambda a, b: iou(corners(a)[:, None], corners(b), generalized), a=a, b=boxes(4))

logits = torch.randn(4, 9, 5) * 2
TARGETS, FRAMES = [[1, 2, 2], [3], [], [4, 4, 4, 4]], [9, 7, 5, 9]
for reduction in ('mean', 'sum', 'none'):
    for label, frames in [('', [9] * 4), (', frames', FRAMES)]:
        case(
            f'ctcLoss {reduction}{label}',
            lambda x: F.ctc_loss(
                x.log_softmax(-1).transpose(0, 1), torch.tensor([t + [1] * (4 - len(t)) for t in TARGETS]),
                torch.tensor(frames), torch.tensor([len(t) for t in TARGETS]), blank=0, reduction=reduction,
            ),
            x=logits,
        )
case(
    'ctcLoss blank 2',
    lambda x: F.ctc_loss(x.log_softmax(-1).transpose(0, 1), torch.tensor([[1, 0]] * 4), torch.tensor([9] * 4), torch.tensor([2] * 4), blank=2),
    x=logits,
)

write(__file__)
