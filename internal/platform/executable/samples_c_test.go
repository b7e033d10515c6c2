package executable_test

import "strings"

// cSamples are programs and object files in C, by Debian's cross compilers.
func cSamples() []sample {
	one := func(name, compiler, arguments, want string) sample {
		return sample{name: "c-" + name, env: append([]string{compiler}, strings.Fields(arguments)...), want: want}
	}
	const gnu = "-linux-gnu-gcc"
	return []sample{
		one("amd64-v3", "x86_64"+gnu, "-Wl,-z,x86-64-v3", "elf linux/amd64/v3 loader=/lib64/ld-linux-x86-64.so.2"),
		one("amd64-v2", "x86_64"+gnu, "-Wl,-z,x86-64-v2", "elf linux/amd64/v2 loader=/lib64/ld-linux-x86-64.so.2"),
		one("amd64-v3-static", "x86_64"+gnu, "-static -Wl,-z,x86-64-v3", "elf linux/amd64/v3"),
		one("amd64-v2-library", "x86_64"+gnu, "-shared -fPIC -Wl,-z,x86-64-v2", "elf /amd64/v2 shared"),
		one("amd64-v3-library", "x86_64"+gnu, "-shared -fPIC -Wl,-z,x86-64-v3", "elf /amd64/v3 shared"),
		one("amd64-static", "x86_64"+gnu, "-static", "elf linux/amd64/v1"),
		one("x32-object", "x86_64"+gnu, "-mx32 -c", "elf /x32 shared"),
		one("386", "i686"+gnu, "", "elf linux/386 loader=/lib/ld-linux.so.2"),
		one("386-static", "i686"+gnu, "-static", "elf linux/386"),
		one("armhf", "arm-linux-gnueabihf-gcc", "", "elf linux/arm/v7 hard loader=/lib/ld-linux-armhf.so.3"),
		one("armhf-static", "arm-linux-gnueabihf-gcc", "-static", "elf linux/arm/v7 hard"),
		one("armhf-library", "arm-linux-gnueabihf-gcc", "-shared -fPIC", "elf /arm/v7 hard shared"),
		one("armhf-mixed", "arm-linux-gnueabihf-gcc", "-march=armv8-a+simd", "elf linux/arm/v7 hard loader=/lib/ld-linux-armhf.so.3"),
		one("armhf-neon", "arm-linux-gnueabihf-gcc", "-mfpu=neon", "elf linux/arm/v7 hard loader=/lib/ld-linux-armhf.so.3"),
		one("armhf-mixed-static", "arm-linux-gnueabihf-gcc", "-static -march=armv8-a+simd", "elf linux/arm/v7 hard"),
		one("armv6-library", "arm-linux-gnueabihf-gcc", "-shared -fPIC -nostdlib -marm -march=armv6+fp", "elf /arm/v6 hard shared"),
		one("armv6-object", "arm-linux-gnueabihf-gcc", "-marm -march=armv6+fp -c", "elf /arm/v6 hard shared"),
		one("armv8-object", "arm-linux-gnueabihf-gcc", "-march=armv8-a+simd -c", "elf /arm/v7 hard shared"),
		one("arm-cortex-m-object", "arm-linux-gnueabi-gcc", "-mthumb -mcpu=cortex-m4 -c", "elf /arm shared"),
		one("arm-big-object", "arm-linux-gnueabi-gcc", "-mbig-endian -c", "elf /armbe shared"),
		one("armel", "arm-linux-gnueabi-gcc", "", "elf linux/arm/v5 soft loader=/lib/ld-linux.so.3"),
		one("armel-v7", "arm-linux-gnueabi-gcc", "-march=armv7-a", "elf linux/arm/v7 soft loader=/lib/ld-linux.so.3"),
		one("armel-static", "arm-linux-gnueabi-gcc", "-static", "elf linux/arm/v5 soft"),
		one("arm64", "aarch64"+gnu, "", "elf linux/arm64 loader=/lib/ld-linux-aarch64.so.1"),
		one("arm64-v9", "aarch64"+gnu, "-march=armv9-a -mbranch-protection=standard", "elf linux/arm64 loader=/lib/ld-linux-aarch64.so.1"),
		one("arm64-static", "aarch64"+gnu, "-static", "elf linux/arm64"),
		one("arm64-static-pie", "aarch64"+gnu, "-static-pie", "elf linux/arm64"),
		one("arm64-library", "aarch64"+gnu, "-shared -fPIC", "elf /arm64 shared"),
		one("arm64-big-object", "aarch64"+gnu, "-mbig-endian -c", "elf /arm64be shared"),
		one("arm64-ilp32-object", "aarch64"+gnu, "-mabi=ilp32 -c", "elf /arm64ilp32 shared"),
		one("mips", "mips"+gnu, "", "elf linux/mips hard loader=/lib/ld.so.1"),
		one("mips-static", "mips"+gnu, "-static", "elf linux/mips hard"),
		one("mipsle", "mipsel"+gnu, "", "elf linux/mipsle hard loader=/lib/ld.so.1"),
		one("mips64le", "mips64el-linux-gnuabi64-gcc", "", "elf linux/mips64le hard loader=/lib64/ld.so.1"),
		one("mips64le-static", "mips64el-linux-gnuabi64-gcc", "-static", "elf linux/mips64le hard"),
		one("mips-n32-object", "mips64el-linux-gnuabi64-gcc", "-mabi=n32 -c", "elf /mipsn32le shared"),
		one("mips-r6-object", "mips"+gnu, "-mips32r6 -mnan=2008 -c", "elf /mipsr6 shared"),
		one("ppc64", "powerpc64"+gnu, "", "elf linux/ppc64 loader=/lib64/ld64.so.1"),
		one("ppc-object", "powerpc64"+gnu, "-m32 -c", "elf /ppc shared"),
		one("ppc64le", "powerpc64le"+gnu, "", "elf linux/ppc64le loader=/lib64/ld64.so.2"),
		one("ppc64le-power10", "powerpc64le"+gnu, "-mcpu=power10", "elf linux/ppc64le loader=/lib64/ld64.so.2"),
		one("ppc64le-static", "powerpc64le"+gnu, "-static", "elf linux/ppc64le"),
		one("riscv64", "riscv64"+gnu, "", "elf linux/riscv64 hard loader=/lib/ld-linux-riscv64-lp64d.so.1"),
		one("riscv64-bitmanip", "riscv64"+gnu, "-march=rv64gc_zba_zbb_zbs", "elf linux/riscv64 hard loader=/lib/ld-linux-riscv64-lp64d.so.1"),
		one("riscv64-static", "riscv64"+gnu, "-static", "elf linux/riscv64 hard"),
		one("riscv64-soft-object", "riscv64"+gnu, "-march=rv64imac -mabi=lp64 -c", "elf /riscv64 soft shared"),
		one("riscv32-object", "riscv64"+gnu, "-march=rv32imac -mabi=ilp32 -c", "elf /riscv32 soft shared"),
		one("s390x", "s390x"+gnu, "", "elf linux/s390x loader=/lib/ld64.so.1"),
		one("s390x-z15", "s390x"+gnu, "-march=z15 -mvx", "elf linux/s390x loader=/lib/ld64.so.1"),
		one("s390x-static", "s390x"+gnu, "-static", "elf linux/s390x"),
		one("s390-object", "s390x"+gnu, "-m31 -c", "elf /s390 shared"),
	}
}
