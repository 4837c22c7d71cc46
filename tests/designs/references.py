"""The counts that each built-in design must have, from its paper or framework, and its warnings."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.arithmetic.convention import ConventionKey


class Reference(Struct, frozen=True):
    """Totals under the design's own convention; `gmacs` is the published figure, to three decimals."""

    parameters: int
    macs: int
    gmacs: float | None = None
    convention: ConventionKey = "pytorch"


REFERENCES: dict[str, Reference] = {
    # Question and textbook examples, run in Keras.
    "cnn-100x100": Reference(50_828_751, 1_291_653_040),
    "lenet-like-32x32": Reference(62_958, 849_320),
    "alexnet": Reference(62_378_344, 1_135_256_096),
    "conv-autoencoder": Reference(28_353, 4_515_840, convention="keras"),
    # Papers, and networks of the Caffe model zoo, by hand.
    "alexnet-grouped": Reference(60_965_224, 724_406_816),
    "lenet-5": Reference(60_000, 326_520),
    "lenet-5-modern": Reference(61_706, 416_520),
    "lenet-caffe": Reference(431_080, 2_293_000, convention="caffe"),
    "zfnet": Reference(62_357_608, 1_168_032_896),
    "nin": Reference(7_595_176, 1_100_188_800, convention="caffe"),
    "googlenet-caffe": Reference(6_998_552, 1_582_671_872, convention="caffe"),
    "googlenet-caffe-aux": Reference(13_378_280, 1_591_044_096, convention="caffe"),
    "darknet-53": Reference(41_609_928, 9_285_115_904),
    "u-net": Reference(31_030_658, 150_428_424_448),
    "c3d": Reference(79_991_015, 38_548_959_232),
    "two-stream": Reference(181_335_594, 4_277_888_928),
    "m5-audio": Reference(26_915, 1_880_256),
    "convlstm-video": Reference(746_689, 58_010_632_192, convention="keras"),
    "crnn": Reference(8_330_789, 683_347_968),
    "c-lstm": Reference(5_667_305, 17_010_750, convention="keras"),
    "siamese-omniglot": Reference(38_951_745, 1_817_251_840),
    "resnet-20-cifar": Reference(269_722, 40_551_040),
    "densenet-bc-100": Reference(769_162, 287_929_692),
    "wrn-28-10": Reference(36_479_194, 5_243_328_768),
    "yolov3-tiny": Reference(8_852_366, 2_782_480_896),
    "segnet": Reference(29_441_996, 106_387_292_160),
    "pointnet": Reference(3_471_473, 439_637_248),
    # Networks by the code of their authors, of PyTorch's tutorial, and of timm.
    "convmixer-768-32": Reference(21_110_248, 20_676_851_712),
    "mlp-mixer-b-16": Reference(59_880_472, 12_601_767_936),
    "mobilevit-s": Reference(5_578_632, 2_000_831_488),
    "dcgan-generator": Reference(3_576_704, 104_628_224),
    "dcgan-discriminator": Reference(2_765_568, 103_817_216),
    "fcn-time-series": Reference(265_986, 33_685_760, convention="keras"),
    # Keras.
    "resnet-50-keras": Reference(25_636_712, 3_857_973_248, convention="keras"),
    "mobilenet-v1": Reference(4_253_864, 568_740_352, convention="keras"),
    "xception": Reference(22_910_480, 8_357_403_496, convention="keras"),
    # torchvision.
    "alexnet-torchvision": Reference(61_100_840, 714_188_480, 0.714),
    "vgg-11": Reference(132_863_336, 7_609_090_048, 7.609),
    "vgg-13": Reference(133_047_848, 11_308_466_176, 11.308),
    "vgg-16": Reference(138_357_544, 15_470_264_320, 15.470),
    "vgg-19": Reference(143_667_240, 19_632_062_464, 19.632),
    "vgg-11-bn": Reference(132_868_840, 7_609_090_048, 7.609),
    "vgg-13-bn": Reference(133_053_736, 11_308_466_176, 11.308),
    "vgg-16-bn": Reference(138_365_992, 15_470_264_320, 15.470),
    "vgg-19-bn": Reference(143_678_248, 19_632_062_464, 19.632),
    "googlenet": Reference(6_624_904, 1_498_376_192, 1.498),
    "googlenet-aux": Reference(13_004_888, 1_506_748_416),
    "inception-v3": Reference(23_834_568, 5_713_216_096, 5.713),
    "inception-v3-aux": Reference(27_161_264, 5_718_899_296),
    "resnet-18": Reference(11_689_512, 1_814_073_344, 1.814),
    "resnet-34": Reference(21_797_672, 3_663_761_408, 3.664),
    "resnet-50": Reference(25_557_032, 4_089_184_256, 4.089),
    "resnet-101": Reference(44_549_160, 7_801_405_440, 7.801),
    "resnet-152": Reference(60_192_808, 11_513_626_624, 11.514),
    "resnext-50-32x4d": Reference(25_028_904, 4_230_479_872, 4.230),
    "wide-resnet-50-2": Reference(68_883_240, 11_398_021_120, 11.398),
    "squeezenet-1.0": Reference(1_248_424, 818_924_576, 0.819),
    "squeezenet-1.1": Reference(1_235_496, 349_151_936, 0.349),
    "densenet-121": Reference(7_978_856, 2_834_161_664, 2.834),
    "densenet-169": Reference(14_149_480, 3_359_843_328, 3.360),
    "densenet-201": Reference(20_013_928, 4_291_365_888, 4.291),
    "mobilenet-v2": Reference(3_504_872, 300_774_272, 0.301),
    "mobilenet-v3-large": Reference(5_483_032, 216_589_760, 0.217),
    "mobilenet-v3-small": Reference(2_542_856, 56_510_400, 0.057),
    "shufflenet-v2-x1.0": Reference(2_278_604, 144_907_992, 0.145),
    "mnasnet-1.0": Reference(4_383_312, 314_415_872, 0.314),
    "efficientnet-b0": Reference(5_288_548, 385_814_752, 0.386),
    "efficientnet-v2-s": Reference(21_458_488, 8_365_617_152, 8.366),
    "convnext-tiny": Reference(28_589_128, 4_455_531_264, 4.456),
    "regnet-y-400mf": Reference(4_344_144, 401_842_848, 0.402),
    "fcn-resnet50": Reference(35_322_218, 152_716_512_000, 152.717),
    "vit-b-16": Reference(86_567_656, 17_563_828_224, 17.564),
    "swin-t": Reference(28_288_354, 4_490_566_656, 4.491),
    "deeplabv3-resnet50": Reference(42_004_074, 178_721_945_088, 178.722),
}

BIAS, UNUSED, OVERSIZE = "bias-before-norm", "unused-input", "oversize-window"
WARNINGS: dict[str, set[str]] = {
    # Their convolutions keep biases that the normalization behind them removes.
    "vgg-11-bn": {BIAS},
    "vgg-13-bn": {BIAS},
    "vgg-16-bn": {BIAS},
    "vgg-19-bn": {BIAS},
    "resnet-50-keras": {BIAS},
    "fcn-time-series": {BIAS},
    "pointnet": {BIAS},
    # Its fourth pool leaves the last of 45 rows over.
    "segnet": {UNUSED},
    # A kernel dilated by 36 on a map of 65 × 65.
    "deeplabv3-resnet50": {OVERSIZE},
    # Their first convolution leaves the last row and column of a 224 × 224 image unread.
    "nin": {UNUSED},
    "squeezenet-1.0": {UNUSED},
    "squeezenet-1.1": {UNUSED},
    "two-stream": {UNUSED},
    "crnn": {BIAS},
    # Both: its pooling leaves elements over as well.
    "m5-audio": {BIAS, UNUSED},
    # A kernel of three on the two frames that are left.
    "c3d": {OVERSIZE},
}
"""The rules that a design would be warned by, and accepts; those that are not named here are warned by none."""
