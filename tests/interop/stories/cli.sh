#!/usr/bin/env bash
# The main lines of the eight stories, with the AWS CLI.
#   cli.sh AWS ENDPOINT
# AWS is the program. The last line is `N passed, M failed`; the exit code is 0 when M is 0.
set -euo pipefail

aws="$1"
endpoint="$2"

# The caller's own AWS settings must not leak into the run.
for name in $(compgen -e | grep '^AWS_' || true); do
    unset "$name"
done
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
# One attempt: a retry would hide a fault. A pager would wait for a key.
export AWS_MAX_ATTEMPTS=1 AWS_PAGER= NO_PROXY=127.0.0.1

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# ec2 ACTION ..: the CLI, with text as its output.
ec2() { "$aws" --endpoint-url "$endpoint" --output text ec2 "$@"; }

# is WHAT EXPECTED ACTUAL
is() {
    if [[ "$2" == "$3" ]]; then
        passed=$((passed + 1))
        echo "$1: ok"
    else
        failed=$((failed + 1))
        echo "$1: '$3', not '$2'"
    fi
}

# like WHAT PATTERN ACTUAL: the whole text matches the extended regular expression.
like() {
    if [[ "$3" =~ ^($2)$ ]]; then
        is "$1" "$3" "$3"
    else
        is "$1" "$2" "$3"
    fi
}

# refused CODE ACTION ..: the error has this code.
refused() {
    local code="$1" said
    shift
    if said="$(ec2 "$@" 2>&1)"; then
        is "$1 is refused" "$code" "accepted: $said"
    else
        is "$1 is refused" "$code" "$(sed -nE 's/^.*An error occurred \(([^)]*)\).*$/\1/p' <<<"$said")"
    fi
}

story() { echo "== story $1"; }

story 1
vpc="$(ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId \
    --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=cli}]')"
like create-vpc 'vpc-[0-9a-f]{17}' "$vpc"
ec2 wait vpc-available --vpc-ids "$vpc"
is describe-vpcs "available 10.0.0.0/16" "$(ec2 describe-vpcs --filters Name=tag:Name,Values=cli \
    --query 'Vpcs[0].[State,CidrBlock]' | tr '\t' ' ')"
subnet="$(ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 \
    --availability-zone us-east-1a --query Subnet.SubnetId)"
refused InvalidSubnet.Conflict create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/25
gateway="$(ec2 create-internet-gateway --query InternetGateway.InternetGatewayId)"
ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
table="$(ec2 create-route-table --vpc-id "$vpc" --query RouteTable.RouteTableId)"
is create-route True "$(ec2 create-route --route-table-id "$table" \
    --destination-cidr-block 0.0.0.0/0 --gateway-id "$gateway" --query Return)"
allocation="$(ec2 allocate-address --query AllocationId)"
nat="$(ec2 create-nat-gateway --subnet-id "$subnet" --allocation-id "$allocation" \
    --query NatGateway.NatGatewayId)"
ec2 wait nat-gateway-available --nat-gateway-ids "$nat"
refused DependencyViolation delete-vpc --vpc-id "$vpc"
ec2 delete-nat-gateway --nat-gateway-id "$nat" >"$scratch/out"
ec2 wait nat-gateway-deleted --nat-gateway-ids "$nat"
ec2 release-address --allocation-id "$allocation"

story 2
group="$(ec2 create-security-group --group-name web --description web --vpc-id "$vpc" --query GroupId)"
rule="$(ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 443 \
    --cidr 198.51.100.0/24 --query 'SecurityGroupRules[0].SecurityGroupRuleId')"
like authorize-security-group-ingress 'sgr-[0-9a-f]{17}' "$rule"
refused InvalidPermission.Duplicate authorize-security-group-ingress --group-id "$group" \
    --protocol tcp --port 443 --cidr 198.51.100.0/24
is describe-security-group-rules "443 198.51.100.0/24" "$(ec2 describe-security-group-rules \
    --filters "Name=group-id,Values=$group" \
    --query 'SecurityGroupRules[?!IsEgress].[FromPort,CidrIpv4]' | tr '\t' ' ')"

story 3
image="$(ec2 describe-images --owners amazon \
    --filters Name=architecture,Values=x86_64 Name=root-device-type,Values=ebs \
    --query 'Images[?Platform!=`windows`] | [0].ImageId')"
like describe-images 'ami-[0-9a-f]{8,17}' "$image"
ec2 create-launch-template --launch-template-name web \
    --launch-template-data "{\"ImageId\": \"$image\", \"InstanceType\": \"t3.micro\"}" >"$scratch/out"
instance="$(ec2 run-instances --launch-template 'LaunchTemplateName=web,Version=$Latest' \
    --subnet-id "$subnet" --security-group-ids "$group" --query 'Instances[0].InstanceId' \
    --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=cli}]')"
ec2 wait instance-running --instance-ids "$instance"
is describe-instances "running t3.micro $image" "$(ec2 describe-instances \
    --filters Name=tag:Name,Values=cli \
    --query 'Reservations[].Instances[].[State.Name,InstanceType,ImageId]' | tr '\t' ' ')"

story 4
volume="$(ec2 create-volume --availability-zone us-east-1a --size 8 --volume-type gp3 --query VolumeId)"
ec2 wait volume-available --volume-ids "$volume"
ec2 attach-volume --volume-id "$volume" --instance-id "$instance" --device /dev/sdf >"$scratch/out"
ec2 wait volume-in-use --volume-ids "$volume"
refused VolumeInUse delete-volume --volume-id "$volume"
ec2 detach-volume --volume-id "$volume" >"$scratch/out"
ec2 wait volume-available --volume-ids "$volume"
snapshot="$(ec2 create-snapshot --volume-id "$volume" --description cli --query SnapshotId)"
ec2 wait snapshot-completed --snapshot-ids "$snapshot"
is describe-snapshots "completed 8 $volume" "$(ec2 describe-snapshots --owner-ids self \
    --snapshot-ids "$snapshot" --query 'Snapshots[0].[State,VolumeSize,VolumeId]' | tr '\t' ' ')"

story 5
ec2 create-key-pair --key-name laptop --query KeyMaterial >"$scratch/key.pem"
is create-key-pair 1 "$(grep -cE '^-----BEGIN (RSA )?PRIVATE KEY-----$' "$scratch/key.pem")"
refused InvalidKeyPair.Duplicate create-key-pair --key-name laptop
interface="$(ec2 create-network-interface --subnet-id "$subnet" --private-ip-address 10.0.1.77 \
    --query NetworkInterface.NetworkInterfaceId)"
is describe-network-interfaces "available 10.0.1.77" "$(ec2 describe-network-interfaces \
    --network-interface-ids "$interface" \
    --query 'NetworkInterfaces[0].[Status,PrivateIpAddress]' | tr '\t' ' ')"
ec2 delete-network-interface --network-interface-id "$interface"

story 6
read -r ipam scope < <(ec2 create-ipam --query 'Ipam.[IpamId,PrivateDefaultScopeId]')
pool="$(ec2 create-ipam-pool --ipam-scope-id "$scope" --address-family ipv4 --query IpamPool.IpamPoolId)"
ec2 provision-ipam-pool-cidr --ipam-pool-id "$pool" --cidr 10.0.0.0/8 >"$scratch/out"
is get-ipam-pool-cidrs "10.0.0.0/8 provisioned" "$(ec2 get-ipam-pool-cidrs --ipam-pool-id "$pool" \
    --query 'IpamPoolCidrs[0].[Cidr,State]' | tr '\t' ' ')"
like allocate-ipam-pool-cidr '10\.[0-9.]+/24' "$(ec2 allocate-ipam-pool-cidr --ipam-pool-id "$pool" \
    --netmask-length 24 --query IpamPoolAllocation.Cidr)"
ec2 delete-ipam --ipam-id "$ipam" --cascade >"$scratch/out"

story 7
ec2 create-tags --resources "$vpc" "$subnet" "$volume" --tags Key=Story,Value=seven
is describe-tags "subnet volume vpc" "$(ec2 describe-tags --filters Name=key,Values=Story \
    --query 'sort(Tags[].ResourceType)' | tr '\t' ' ')"
ec2 create-tags --resources "$vpc" "$subnet" "$volume" --tags Key=A,Value=seven Key=B,Value=seven
is "describe-tags by pages of 5" 9 "$(ec2 describe-tags --filters Name=value,Values=seven \
    --page-size 5 --query 'Tags[].Key' | wc -w)"

story 8
refused DryRunOperation create-vpc --cidr-block 10.0.0.0/16 --dry-run
refused DryRunOperation terminate-instances --instance-ids "$instance" --dry-run
create_one() {
    ec2 create-volume --availability-zone us-east-1a --size 8 --client-token cli-token --query VolumeId
}
twin="$(create_one)"
is "the same token" "$twin" "$(create_one)"

echo "== taken down"
ec2 terminate-instances --instance-ids "$instance" >"$scratch/out"
ec2 wait instance-terminated --instance-ids "$instance"
ec2 delete-volume --volume-id "$volume"
ec2 delete-volume --volume-id "$twin"
ec2 delete-snapshot --snapshot-id "$snapshot"
ec2 delete-key-pair --key-name laptop >"$scratch/out"
ec2 delete-launch-template --launch-template-name web >"$scratch/out"
ec2 delete-security-group --group-id "$group" >"$scratch/out"
ec2 delete-route-table --route-table-id "$table"
ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
ec2 delete-internet-gateway --internet-gateway-id "$gateway"
ec2 delete-subnet --subnet-id "$subnet"
ec2 delete-vpc --vpc-id "$vpc"
refused InvalidVpcID.NotFound describe-vpcs --vpc-ids "$vpc"

echo "$passed passed, $failed failed"
[[ "$failed" -eq 0 ]]
